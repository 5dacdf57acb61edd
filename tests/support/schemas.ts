// Holds values against the published schemas, by Ajv itself rather than by the compiled validators.
import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import {repositoryText} from './studies.ts';

const validators = new Map<string, ValidateFunction>();

/** One line for each thing that is wrong. */
export function schemaProblems(name: string, value: unknown): readonly string[] {
  const validate = validators.get(name) ?? compile(name);
  validators.set(name, validate);
  return validate(value) ? [] : (validate.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message ?? ''}`);
}

function compile(name: string): ValidateFunction {
  const ajv = new Ajv2020({allErrors: true, strictTypes: false, strictRequired: false});
  // The one schema that others refer to.
  if (name !== 'progress') ajv.addSchema(schemaOf('progress'));
  return ajv.compile(schemaOf(name));
}

function schemaOf(name: string): object {
  return JSON.parse(repositoryText(`schemas/${name}.schema.json`)) as object;
}
