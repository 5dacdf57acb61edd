// Which imports a source has, and which files of a package they reach.
import {existsSync, readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {importsOf, reachableModules} from '../../src/state/python-imports.ts';

test('imports are found wherever they stand, absolute ones and relative ones', () => {
  const source = `import os, fts.a.b as c
from fts import (training, data as d,)
from . import x
from ..model import *
from .... import beyond
if TYPE_CHECKING: from .types import T
def f():
    import late; from fts.deep import y
    yield from g
    raise E from cause
text = "import not_this"  # import nor_this
`;
  expect(importsOf(source, 'fts/data/windows.py')).toEqual([
    {module: 'os', names: []},
    {module: 'fts.a.b', names: []},
    {module: 'fts', names: ['training', 'data']},
    {module: 'fts.data', names: ['x']},
    {module: 'fts.model', names: ['*']},
    {module: 'fts.data.types', names: ['T']},
    {module: 'late', names: []},
    {module: 'fts.deep', names: ['y']},
  ]);
  expect(importsOf('from . import x', 'fts/data/__init__.py')).toEqual([{module: 'fts.data', names: ['x']}]);
  expect(importsOf('from . import x', 'script.py')).toEqual([]);
});

test('reached are the modules, the packages above them, and what those import', () => {
  const files: Record<string, string> = {
    'fts/__init__.py': '',
    'fts/scripts.py': 'from fts import training\nfrom fts.data import windows',
    'fts/training.py': 'import torch\nfrom .model import PatchTST',
    'fts/model.py': 'from . import training',
    'fts/data/__init__.py': 'from .labels import *',
    'fts/data/windows.py': '',
    'fts/data/labels.py': '',
    'fts/data/sources.py': '',
    'fts/report.py': '',
  };
  const asked: string[] = [];
  const importsAt = (path: string) => {
    asked.push(path);
    const text = files[path];
    return text === undefined ? undefined : importsOf(text, path);
  };
  expect(reachableModules(importsOf('import os\nfrom fts.scripts import run', 'hpo.py'), importsAt)).toEqual([
    'fts/__init__.py',
    'fts/data/__init__.py',
    'fts/data/labels.py',
    'fts/data/windows.py',
    'fts/model.py',
    'fts/scripts.py',
    'fts/training.py',
  ]);
  expect(new Set(asked).size).toBe(asked.length);
  expect(reachableModules([{module: 'fts.data', names: ['sources']}], importsAt)).toContain('fts/data/sources.py');
});

test('what only a run by hand needs is in no key: heat and sensors', () => {
  const importsAt = (path: string): ReturnType<typeof importsOf> | undefined =>
    existsSync(new URL(`../../python/${path}`, import.meta.url))
      ? importsOf(readFileSync(new URL(`../../python/${path}`, import.meta.url), 'utf8'), path)
      : undefined;
  const reached = reachableModules(importsOf('import fts.hpo_script, fts.training_script, fts.scripts', 'script.py'), importsAt);
  expect(reached).toEqual(expect.arrayContaining(['fts/control.py', 'fts/run.py', 'fts/training.py']));
  expect(reached.filter((path) => ['fts/heat.py', 'fts/sensor.py'].includes(path))).toEqual([]);
});
