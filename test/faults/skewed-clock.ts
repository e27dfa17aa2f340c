/** Loaded before a node's own code (`node --import`): its wall clock is wrong by OVERSIGHT_TEST_CLOCK_MS milliseconds. */
const offsetMs = Number(process.env['OVERSIGHT_TEST_CLOCK_MS']);
if (!Number.isSafeInteger(offsetMs)) throw new TypeError('OVERSIGHT_TEST_CLOCK_MS is an integer');

const RealDate = globalThis.Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [skewedNow()] : args, newTarget),
  apply: () => new RealDate(skewedNow()).toString(),
  get: (target, key, receiver) => (key === 'now' ? skewedNow : Reflect.get(target, key, receiver)),
});

function skewedNow(): number {
  return RealDate.now() + offsetMs;
}
