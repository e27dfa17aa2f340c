import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks: between 24 and 64 bytes. */
const SECRET_BYTES = { least: 24, most: 64, made: 32 } as const;

/** `whsec_` and base64 of random bytes. https://github.com/standard-webhooks/standard-webhooks */
export function newSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES.made).toString('base64')}`;
}

/** The bytes of a secret; null where it is none. */
export function parseSecret(secret: string): Buffer | null {
  if (!secret.startsWith(PREFIX)) return null;
  const text = secret.slice(PREFIX.length);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return null;
  return bytes.length >= SECRET_BYTES.least && bytes.length <= SECRET_BYTES.most ? bytes : null;
}

/** The three headers of the scheme. @param atMs milliseconds since 1970 */
export function signedHeaders(
  key: Buffer,
  { id, body, atMs }: { readonly id: string; readonly body: string; readonly atMs: number },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}
