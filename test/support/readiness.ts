/** A probe is looked at again after a second. */
export const POLLED = { timeout: 20_000, interval: 200 } as const;

/** What `/health/ready` says: its status, and the checks that do not hold. */
export async function readinessOf(
  url: string,
): Promise<{ readonly status: number; readonly failing: readonly string[] }> {
  const response = await fetch(`${url}/health/ready`);
  const { checks } = (await response.json()) as {
    readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
  };
  return { status: response.status, failing: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
}
