import { element } from './dom.js';

/** Events on the page at a time; older ones are in the node's log. */
const EVENTS_SHOWN = 100;

/**
 * @typedef {object} Listener
 * @property {() => void} onEvent something happened: what the page shows may be old
 * @property {(state: 'live' | 'connecting') => void} onState
 */

/**
 * Follows the node's events, newest on top. The browser reconnects and resumes after the last id by itself.
 * @param {HTMLElement} list
 * @param {number} after cursor of the last event to leave out
 * @param {Listener} listener
 */
export function followEvents(list, after, { onEvent, onState }) {
  const source = new EventSource(`events?after=${after}`);
  source.addEventListener('open', () => onState('live'));
  source.addEventListener('error', () => onState('connecting'));
  source.addEventListener('message', ({ data }) => {
    list.prepend(eventItem(JSON.parse(data)));
    while (list.children.length > EVENTS_SHOWN) list.lastElementChild?.remove();
    onEvent();
  });
}

/** Where to start so that a full list comes, and no more. @param {number} newest cursor of the newest event */
export function firstCursor(newest) {
  return Math.max(0, newest - EVENTS_SHOWN);
}

/** @param {import('../../../protocols/events/index.ts').CloudEvent} event */
function eventItem({ id, type, time, data }) {
  return element('li', { 'data-type': type, 'data-cursor': id }, [
    element('time', { datetime: time, title: time }, [timeText(new Date(time), new Date())]),
    element('span', {}, [data.summary]),
  ]);
}

/** In UTC, as all times of the page: the hour for today, the day for what is older. @param {Date} when @param {Date} now */
function timeText(when, now) {
  const [day = '', time = ''] = when.toISOString().split('T');
  return now.toISOString().startsWith(day) ? time.slice(0, 8) : day;
}
