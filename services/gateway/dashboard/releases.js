import { get, getFirst } from './api.js';
import { clauseTable, STATES, tallyOf } from './clauses.js';
import { button, element, empty, facts, identifier, messageLink, replaceKeepingOpen } from './dom.js';
import { grouped, moment, percent, seenBy, words } from './format.js';
import { timeline } from './timeline.js';

/**
 * @typedef {import('./api.js').Model} Model
 * @typedef {import('./api.js').ModelReport} ModelReport
 * @typedef {import('./page.js').Context} Context
 * @typedef {import('./page.js').View} View
 * @typedef {import('../../../protocols/record/index.ts').FederationRecord['frontierReleases'][number]} Frontier
 * @typedef {import('../../../protocols/record/index.ts').FederationRecord['analogReleases'][number]} Analog
 */

/** Models at first, and more by as many. */
const STEP = 10;

/** Each frontier model: what is owed, what came, when, and how it stands clause by clause. @implements {View} */
export class Releases {
  #parent;
  #count = STEP;
  /** Of models on the page. @type {Map<string, ModelReport>} */
  #reports = new Map();

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Context} context */
  async refresh(context) {
    /** @type {{ readonly items: readonly Model[], readonly hasMore: boolean }} */
    const { items, hasMore } = await getFirst('models', this.#count);
    this.#draw(items, hasMore, context);
    // the list stands; now how each model stands, and who keeps copies
    const frontiers = items.flatMap(({ frontier }) => frontier ?? []);
    const reports = await Promise.all(frontiers.map(({ id }) => reportOf(id)));
    this.#reports = new Map(reports.flatMap((each) => (each === null ? [] : [[each.model.id, each]])));
    this.#draw(items, hasMore, context);
  }

  /** @param {readonly Model[]} models @param {boolean} hasMore @param {Context} context */
  #draw(models, hasMore, context) {
    const cards = models.map((model) =>
      modelCard(model, this.#reports.get(model.frontier?.id ?? ''), context),
    );
    const more = button('Show more models', () => {
      this.#count += STEP;
      context.refresh();
    });
    replaceKeepingOpen(this.#parent, [
      ...(cards.length === 0 ? [empty('No model has been released yet.')] : cards),
      ...(hasMore ? [more] : []),
    ]);
  }
}

/** Null where the model is judged from a later moment on than the node's now. @param {string} id @returns {Promise<ModelReport | null>} */
function reportOf(id) {
  return get(`oversight/${id}`).catch(() => null);
}

/** @param {Model} model @param {ModelReport | undefined} report @param {Context} context */
function modelCard({ frontier, analogs }, report, context) {
  if (frontier === null)
    return element('article', { class: 'card' }, [
      element('p', { class: 'quiet' }, ['The frontier model of this analog is not in the record.']),
      ...analogs.map((analog) => analogBlock(analog, context)),
    ]);
  return element('article', { class: 'card model', id: `model-${frontier.id}`, 'data-model': frontier.id }, [
    element('header', { class: 'card-head' }, [
      element('h3', {}, [`${frontier.name} ${frontier.version}`]),
      report === undefined ? null : overall(report),
    ]),
    frontierFacts(frontier, report, context),
    frontierMark(frontier, context),
    ...(analogs.length === 0
      ? [element('p', { class: 'missing' }, ['No analog has been released for it yet.'])]
      : analogs.map((analog) => analogBlock(analog, context))),
    ...(report === undefined ? [] : oversightOf(report, context)),
  ]);
}

/** @param {ModelReport} report */
function overall({ overall: state }) {
  return element('span', { class: 'state', 'data-state': state, title: 'the worst of its clauses' }, [
    STATES[state],
  ]);
}

/** @param {Frontier} frontier @param {ModelReport | undefined} report @param {Context} context */
function frontierFacts(frontier, report, { nameOf }) {
  return facts([
    ['Lab', nameOf(frontier.author)],
    ['Deployed, says the lab', frontier.deployedOn],
    ['Seen by witnesses', seenBy(frontier.established)],
    ['Parameters', frontier.parameters === null ? 'withheld' : grouped(frontier.parameters)],
    ['Architecture', frontier.modelType],
    ['Access', element('span', { 'data-place': 'access' }, [accessText(frontier)])],
    ['Withheld', element('span', { 'data-place': 'withheld fields' }, [withheldText(frontier)])],
    [
      'Owed',
      element('span', { 'data-place': 'obligation' }, [
        report === undefined
          ? '…'
          : `${words(report.obligation)}, by version ${report.charter} of the charter`,
      ]),
    ],
    ['Weights', frontier.checkpoint === null ? 'private' : identifier(frontier.checkpoint)],
    ['Notice', messageLink(frontier.id)],
  ]);
}

/** spec 18-oversight §6 @param {Frontier} frontier */
function accessText({ access, holders }) {
  if (holders === null) return access;
  return `${access}; ${grouped(holders)} hold the weights (a leak is likelier than not from 69 holders on at one chance in a hundred each, from 693 at one in a thousand)`;
}

/** @param {Frontier} frontier */
function withheldText({ withheld }) {
  if (withheld.length === 0) return 'nothing';
  return `${withheld.length}: ${withheld
    .map(({ field, reason, retainedUntil }) =>
      reason === null
        ? `${field}, no reason given`
        : `${field} (${words(reason)}, kept until ${retainedUntil})`,
    )
    .join('; ')}`;
}

/** @param {Frontier} frontier @param {Context} context */
function frontierMark(frontier, { marks, nameOf }) {
  const { id, author, established, ...fields } = frontier;
  return marks.of({ message: id, kind: 'frontier-release/1', by: nameOf(author), established, fields });
}

/** @param {Analog} analog @param {Context} context */
function analogBlock(analog, { marks, nameOf, copies }) {
  const { id, author, established, ...fields } = analog;
  return element('div', { class: 'analog' }, [
    element('header', { class: 'card-head' }, [
      element('h4', {}, [`${analog.name} ${analog.version}`]),
      element('span', { class: 'tag' }, ['analog']),
    ]),
    facts([
      ['Share of the frontier model', analog.ratioPpm === null ? 'unknown' : percent(analog.ratioPpm)],
      ['Parameters', grouped(analog.parameters)],
      ['Licence', analog.licence],
      ['Checkpoint', identifier(analog.checkpoint)],
      ['Copies', copies(analog.id)],
      ['Notice', messageLink(analog.id)],
      ['Seen by witnesses', seenBy(established)],
    ]),
    marks.of({ message: id, kind: 'analog-release/1', by: nameOf(author), established, fields }),
  ]);
}

/** @param {ModelReport} report @param {Context} context */
function oversightOf(report, context) {
  const { id, name } = report.model;
  return [
    timeline(report, context),
    element('details', { 'data-key': `clauses-${id}`, 'data-place': 'clause table' }, [
      element('summary', {}, [tallyOf(report)]),
      element('p', { class: 'quiet' }, [
        'M1 to M22 are what the mandate asks, N5 and N6 what is asked of evaluations. Computed by the node from the messages linked here; oversight assess computes the same anywhere. As of ',
        moment(report.at),
        '.',
      ]),
      clauseTable(report),
    ]),
    costs(report),
    element('p', { class: 'actions' }, [
      element('a', { href: `oversight/${id}/report.html`, 'data-place': 'compliance report' }, [
        'Compliance report',
      ]),
      ' ',
      element('a', { href: `oversight/${id}/report.pdf` }, ['as PDF']),
      ' ',
      element('a', { href: `oversight/${id}` }, ['as JSON']),
      ' ',
      element('a', { href: `#/act/${id}` }, [
        'Act as a regulator',
        element('span', { class: 'unseen' }, [` on ${name}`]),
      ]),
    ]),
  ];
}

/** @param {ModelReport} report */
function costs({ costs: lines }) {
  if (lines === null || lines.length === 0) return null;
  return element('p', { class: 'quiet', 'data-place': 'compliance report' }, [
    `Costs of the report: ${lines
      .map(({ item, gpuHours, usd }) =>
        [
          item,
          gpuHours === null ? null : `${grouped(gpuHours)} GPU-hours`,
          usd === null ? null : `${grouped(usd)} USD`,
        ]
          .filter((each) => each !== null)
          .join(', '),
      )
      .join('; ')}`,
  ]);
}
