// How a person would write the study's Python on a command line, from the workspace.
import type {Study} from '../config/study.ts';

export function interpreterName({python}: Pick<Study, 'python'>): string {
  return python.kind === 'venv' ? `${python.directory}/bin/python` : python.path;
}
