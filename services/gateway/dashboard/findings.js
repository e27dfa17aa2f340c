import { getFirst } from './api.js';
import { CONDITION_ORDER, conditionWords } from './conditions.js';
import { button, element, empty, facts, identifier, messageLink, replaceKeepingOpen, table } from './dom.js';
import { forest } from './forest.js';
import { percent, points, rate, seenBy, words } from './format.js';

/**
 * @typedef {import('./api.js').Wording} Wording
 * @typedef {import('./api.js').Finding} Finding
 * @typedef {import('./page.js').Context} Context
 * @typedef {import('./page.js').View} View
 * @typedef {Finding['verdicts'][number]} Verdict
 * @typedef {Finding['claim']['counts'][number]} Count
 * @typedef {NonNullable<Finding['claim']['estimates']>[number]} Estimate
 * @typedef {{ readonly measure: string, readonly condition: string, readonly value: string, readonly detail: string }} Cell
 */

const MARKS = { confirmed: '✓', refuted: '✗', disputed: '≠', open: '…' };
/** What decides is read first. */
const BEARINGS = ['refutes', 'leaves-open', 'supports'];

/** Findings at first, and more by as many. */
const STEP = 10;

/** Each claim beside what each verifier counted, drawn and in numbers. @implements {View} */
export class Findings {
  #parent;
  #count = STEP;
  /** What stands in the page, as it came. */
  #drawn = '';

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Context} context */
  async refresh(context) {
    /** @type {{ readonly items: readonly Finding[], readonly hasMore: boolean }} */
    const { items, hasMore } = await getFirst('findings', this.#count);
    const drawn = JSON.stringify([items, hasMore]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const more = button('Show more findings', () => {
      this.#count += STEP;
      context.refresh();
    });
    replaceKeepingOpen(this.#parent, [
      ...(items.length === 0 ? [empty('No finding has been published yet.')] : []),
      ...items.map((finding) => findingCard(finding, context)),
      ...(hasMore ? [more] : []),
    ]);
  }
}

/** @param {Finding} finding @param {Context} context */
function findingCard(finding, context) {
  const { nameOf, wording, marks, checker } = context;
  const { standing, verdicts, id, author, established, reasons, ...fields } = finding;
  return element('article', { class: 'card finding', 'data-standing': standing, 'data-finding': id }, [
    element('header', { class: 'card-head' }, [
      element('h3', {}, [finding.title]),
      element('span', { class: 'standing', title: sentence(wording.standings, standing) }, [
        element('span', { 'aria-hidden': 'true' }, [MARKS[standing]]),
        ` ${standing}`,
      ]),
    ]),
    element('p', { class: 'quiet' }, [`by ${nameOf(author)} · seen by witnesses ${seenBy(established)}`]),
    element('p', {}, [claimSentence(finding.claim)]),
    marks.of({ message: id, kind: 'finding/1', by: nameOf(author), established, fields }),
    reasons.length === 0
      ? element('p', { class: 'reasons' }, [sentence(wording.standings, standing)])
      : reasonList(reasons, wording),
    forest(finding, nameOf, checker),
    table(`Counts of “${finding.title}”`, countsHead(verdicts, nameOf, wording), countRows(finding)),
    details(finding, context),
  ]);
}

/** @param {Finding['claim']} claim */
function claimSentence({ effect, gates }) {
  const spared = gates.map((gate) => `${words(gate.measure)} ${gateBound(gate, 'falls', 'rises')}`);
  const rest = spared.length === 0 ? '' : `, while ${spared.join(' and ')}`;
  const verb =
    effect.boundPpm === undefined ? 'is' : effect.direction === 'decrease' ? 'falls to' : 'rises to';
  return `Claim: ${words(effect.measure)} ${verb} ${effectBound(effect)}${rest}.`;
}

/** A bound on a rate or on a number. @param {Finding['claim']['effect']} effect */
function effectBound({ direction, boundPpm, boundMicro }) {
  const bound = boundPpm === undefined ? units(Number(boundMicro)) : percent(Number(boundPpm));
  return `${direction === 'decrease' ? 'at most' : 'at least'} ${bound}`;
}

/** @param {Finding['claim']['gates'][number]} gate @param {string} fall @param {string} rise */
function gateBound({ maximumDropPpm, maximumRiseMicro }, fall, rise) {
  if (maximumDropPpm === undefined) return `${rise} by at most ${units(Number(maximumRiseMicro))}`;
  return `${fall} by at most ${points(Number(maximumDropPpm))}`;
}

/** @param {number} micro */
function units(micro) {
  return String(Number((micro / 1_000_000).toFixed(4)));
}

/** @param {readonly string[]} codes @param {Wording} wording */
function reasonList(codes, wording) {
  const bearing = (/** @type {string} */ code) => wording.bearings[code] ?? 'supports';
  const sorted = codes.toSorted((a, b) => BEARINGS.indexOf(bearing(a)) - BEARINGS.indexOf(bearing(b)));
  return element(
    'ul',
    { class: 'reasons' },
    sorted.map((code) =>
      element('li', { 'data-reason': code, 'data-bearing': bearing(code) }, [
        sentence(wording.reasons, code),
      ]),
    ),
  );
}

/** @param {readonly Verdict[]} verdicts @param {(key: string) => string} nameOf @param {Wording} wording */
function countsHead(verdicts, nameOf, wording) {
  return [
    'Measure',
    'Claimed',
    ...verdicts.map((verdict) =>
      element('span', { class: verdict.discount === null ? 'verdict' : 'verdict discounted' }, [
        nameOf(verdict.verifier),
        element('span', { class: 'outcome block', 'data-outcome': verdict.outcome }, [
          words(verdict.outcome),
        ]),
        verdict.discount === null
          ? null
          : element('span', { class: 'quiet block', title: sentence(wording.discounts, verdict.discount) }, [
              'not counted',
            ]),
      ]),
    ),
  ];
}

/** One row a measure and condition that the claim or any verdict has numbers of. @param {Finding} finding */
function countRows({ claim, verdicts }) {
  const measures = [claim.effect.measure, ...claim.gates.map((gate) => gate.measure)];
  const sources = [claim, ...verdicts].map((source) => cellsOf(source, claim));
  return measures.flatMap((measure) =>
    CONDITION_ORDER.filter((condition) =>
      sources.some((cells) => select(cells, measure, condition).length > 0),
    ).map((condition) => [
      element('span', {}, [
        words(measure),
        element('span', { class: 'quiet block' }, [conditionWords(condition)]),
      ]),
      ...sources.map((cells, index) =>
        countCell(select(cells, measure, condition), index === 0 ? boundOf(claim, measure, condition) : null),
      ),
    ]),
  );
}

/**
 * What a claim or a verdict says: the number where the claim is about one, else the rate.
 * @param {{ readonly counts: readonly Count[], readonly estimates?: readonly Estimate[] | undefined }} source
 * @param {Finding['claim']} claim
 * @returns {readonly Cell[]}
 */
function cellsOf({ counts, estimates = [] }, { effect }) {
  const isNumber = (/** @type {string} */ measure) =>
    measure === effect.measure && effect.boundPpm === undefined;
  const rates = counts
    .filter(({ measure }) => !isNumber(measure))
    .map(({ measure, condition, k, n, unscored }) => ({
      measure,
      condition,
      value: rate({ k, n }),
      detail: `${k}/${n}${unscored > 0 ? `, ${unscored} unscored` : ''}`,
    }));
  const numbers = estimates
    .filter(({ measure }) => isNumber(measure))
    .map(({ measure, condition, n, unscored, valueMicro, lowMicro, highMicro }) => ({
      measure,
      condition,
      value: units(valueMicro),
      detail: `${units(lowMicro)} to ${units(highMicro)}, of ${n}${unscored > 0 ? `, ${unscored} unscored` : ''}`,
    }));
  return [...rates, ...numbers];
}

/**
 * Several random vectors give several numbers.
 * @param {readonly Cell[]} cells @param {string | null} bound
 */
function countCell(cells, bound) {
  if (cells.length === 0 && bound === null) return element('span', { class: 'quiet' }, ['–']);
  const lines = cells.map(({ value, detail }) =>
    element('span', { class: 'count' }, [
      element('strong', {}, [value]),
      ' ',
      element('span', { class: 'quiet' }, [detail]),
    ]),
  );
  return element('span', {}, [
    ...lines,
    bound === null ? null : element('span', { class: 'quiet block' }, [bound]),
  ]);
}

/** What the claim promises of a row. @param {Finding['claim']} claim @param {string} measure @param {string} condition */
function boundOf({ effect, gates }, measure, condition) {
  if (condition !== 'treated') return null;
  if (measure === effect.measure) return effectBound(effect);
  const gate = gates.find((each) => each.measure === measure);
  return gate === undefined ? null : `may ${gateBound(gate, 'fall', 'rise').replace(' by at most', '')}`;
}

/** @param {readonly Cell[]} cells @param {string} measure @param {string} condition */
function select(cells, measure, condition) {
  return cells.filter((cell) => cell.measure === measure && cell.condition === condition);
}

/** @param {Finding} finding @param {Context} context */
function details(finding, { nameOf, wording, marks }) {
  return element('details', { 'data-key': finding.id }, [
    element('summary', {}, ['Verdicts and artefacts']),
    ...finding.verdicts.map((verdict) =>
      element('section', {}, [
        element('h4', {}, [`${nameOf(verdict.verifier)}: ${words(verdict.outcome)}`]),
        verdict.discount === null
          ? null
          : element('p', { class: 'missing' }, [sentence(wording.discounts, verdict.discount)]),
        reasonList(verdict.reasons, wording),
        verdictMark(verdict, nameOf(verdict.verifier), marks),
        facts([
          ['Verdict', messageLink(verdict.id)],
          ['Seen by witnesses', seenBy(verdict.established)],
          ['Evidence', verdict.evidence === null ? 'none' : identifier(verdict.evidence)],
        ]),
      ]),
    ),
    facts([
      ['Finding', messageLink(finding.id)],
      ['Seen by witnesses', seenBy(finding.established)],
      ['Intervention', finding.intervention === null ? 'none' : identifier(finding.intervention)],
      ['Prompts', identifier(finding.suite)],
      ['Found on', finding.source === null ? 'the target itself' : identifier(finding.source)],
      ['Target', identifier(finding.target)],
    ]),
  ]);
}

/** @param {Verdict} verdict @param {string} by @param {Context['marks']} marks */
function verdictMark({ id, established, outcome, counts, estimates, evidence }, by, marks) {
  const fields = { outcome, counts, evidence, ...(estimates === undefined ? {} : { estimates }) };
  return marks.of({ message: id, kind: 'verdict/1', by, established, fields });
}

/** @param {Readonly<Record<string, string>>} sentences @param {string} code */
function sentence(sentences, code) {
  return Object.hasOwn(sentences, code) ? /** @type {string} */ (sentences[code]) : words(code);
}
