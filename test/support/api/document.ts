import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface DescribedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, Described>>;
}

export interface ApiDocument {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Omit<DescribedOperation, 'method' | 'path'>>>>
  >;
  readonly components: Schema;
}

export function operationsOf({ paths }: ApiDocument): readonly DescribedOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, each]) => ({ ...each, method: method.toUpperCase(), path })),
  );
}

/** Holds answers to what the document says of them. */
export class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false });
  readonly #components: Schema;
  readonly #validators = new Map<Schema, ValidateFunction>();

  constructor({ components }: ApiDocument) {
    this.#components = components;
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
  }

  #validatorOf(schema: Schema): ValidateFunction {
    const validate =
      this.#validators.get(schema) ?? this.#ajv.compile({ ...schema, components: this.#components });
    this.#validators.set(schema, validate);
    return validate;
  }

  /** @returns what is not as documented; null: all is */
  fault(operation: DescribedOperation, status: number, type: string | null, body: string): string | null {
    const answer = operation.responses[String(status)];
    if (answer === undefined) return `status ${status} is not documented`;
    const media = type?.split(';')[0] ?? null;
    if (answer.content === undefined)
      return media === null || body === '' ? null : `status ${status} has no documented body`;
    const content = media === null ? undefined : answer.content[media];
    if (media === null || content === undefined)
      return body === '' ? null : `${media ?? 'no type'} is not documented for ${status}`;
    if (content.schema === undefined) return null;
    const documents = media === 'application/x-ndjson' ? body.trim().split('\n') : [body];
    for (const document of documents) {
      const validate = this.#validatorOf(content.schema);
      if (!validate(JSON.parse(document))) return `${status}: ${this.#ajv.errorsText(validate.errors)}`;
    }
    return null;
  }
}
