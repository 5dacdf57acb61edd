// Holds values against the published schemas, by Ajv itself rather than by the compiled validators.
import {Ajv2020} from 'ajv/dist/2020.js';
import {repositoryText} from './studies.ts';

/** One line for each thing that is wrong. */
export function schemaProblems(name: string, value: unknown): readonly string[] {
  const ajv = new Ajv2020({allErrors: true, strictTypes: false, strictRequired: false});
  const validate = ajv.compile(JSON.parse(repositoryText(`schemas/${name}.schema.json`)) as object);
  return validate(value) ? [] : (validate.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message ?? ''}`);
}
