// `ftsbuild check`: what it looks at, the forms in which it says it, its exit status, and that it leaves nothing behind.
import {writeFileSync} from 'node:fs';
import {Ajv2020} from 'ajv/dist/2020.js';
import {expect, test} from 'vitest';
import {scanScripts} from '../../src/build/script-syntax.ts';
import {check, type CheckOptions} from '../../src/commands/check.ts';
import type {Terminal} from '../../src/commands/terminal.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {renderDiagnostics} from '../../src/ui/diagnostics.ts';
import {replaced, small} from '../config/texts.ts';
import {Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';

async function checked(workspace: Workspace, options: Partial<CheckOptions> = {}): Promise<{status: number; out: string; err: string}> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    paint: plainPaint,
    print: (text) => void out.push(text),
    printError: (text) => void err.push(text),
    printProblems: (problems) => void err.push(renderDiagnostics(problems, (file) => workspace.read(file), plainPaint)),
    confirm: () => Promise.resolve(false),
    ask: () => Promise.resolve(undefined),
    hasPerson: false,
  };
  const status = await check({directory: workspace.root, format: 'text', data: true, staleOk: true, ...options}, terminal);
  return {status, out: out.join('\n'), err: err.join('\n')};
}

const broken = replaced('learning_rate:', 'learnig_rate:', replaced('6K: {params: 6K}', '6K: {params: six}'));

test('a sound study ends with 0, says what was looked at, and nothing is written', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': small});
  const {status, out, err} = await checked(workspace);
  expect({status, err}).toEqual({status: 0, err: ''});
  expect(out).toMatch(/experiments\.yaml: no errors\n {2}\d+ scripts rendered.*\n {2}\d+ to run, 0 fresh/);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});

const stale = /stale: \d+ of \d+ targets \(.*\d+ hpo.*\); ftsbuild all --dry-run says why/;

test('stale targets are a reason to fail only where asked for, and then it says so', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': small});
  expect(await checked(workspace, {staleOk: false})).toMatchObject({status: 1, err: expect.stringMatching(stale) as string});
  const github = await checked(workspace, {staleOk: false, format: 'github'});
  expect(github.out).toMatch(new RegExp(`^::error title=stale::${stale.source}\n`));
  const json = JSON.parse((await checked(workspace, {staleOk: false, format: 'json'})).out) as {stale: string};
  expect([json.stale, schemaProblems('check', json)]).toEqual([expect.stringMatching(stale), []]);
  const {out} = await checked(workspace, {staleOk: false, format: 'sarif'});
  expect(sarifProblems(JSON.parse(out))).toEqual([]);
  expect(out).toMatch(stale);
  expect(await checked(workspace)).toMatchObject({status: 0, err: ''});
});

test('all problems come at once, in order, with the line and a marker, and exit status 2', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': broken});
  const {status, err} = await checked(workspace);
  expect(status).toBe(2);
  expect(err).toMatch(/experiments\.yaml:5:16: error FTS115: "six" is not a count\n {2}5 \| {3}6K: \{params: six\}\n {4}\| {16}\^\^\^/);
  expect(err.indexOf('FTS115')).toBeLessThan(err.indexOf('FTS110'));
  expect(err).toContain('2 errors');
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});

test.each([
  ['Latin-1', Buffer.from(`version: 1\nproject: caf\u00e9\n`, 'latin1'), 'experiments.yaml:2:13'],
  ['a part of a character', Buffer.concat([Buffer.from('version: 1\n# caf'), Buffer.from([0xc3])]), 'experiments.yaml:2:6'],
  ['UTF-16', Buffer.from(`\ufeff${small}`, 'utf16le'), 'experiments.yaml:1:1'],
])('%s is refused as not UTF-8, at the first byte that is not', async (_, bytes, place) => {
  const workspace = Workspace.forTest();
  writeFileSync(`${workspace.root}/experiments.yaml`, bytes);
  const {status, err} = await checked(workspace);
  expect(status).toBe(2);
  expect(err).toContain(`${place}: error FTS101: not UTF-8`);
  expect(err).toContain('1 error\n');
});

test('an included file and a model file are read as UTF-8, too', async () => {
  const text = replaced('{params: 6K}', '{params: 6K, model: six.yaml}');
  const workspace = Workspace.forTest({'experiments.yaml': text, 'six.yaml': ''});
  const bytes = Buffer.from('d_model: 8\n# \u00e9\n', 'latin1');
  writeFileSync(`${workspace.root}/six.yaml`, bytes);
  expect((await checked(workspace)).err).toContain('six.yaml:2:3: error FTS101: not UTF-8');
  writeFileSync(`${workspace.root}/experiments.yaml`, `include: six.yaml\n${small}`);
  expect((await checked(workspace)).err).toContain('six.yaml:2:3: error FTS101: not UTF-8');
});

test('a line with a control character is shown with its picture, which no terminal obeys', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': `project: a\u001b[31m\n${small}`});
  const {err} = await checked(workspace);
  expect(err).toContain('  1 | project: a\u241b[31m\n    |           ^\n');
});

test("a mistake in a template of one's own is shown in the template, once for all its scripts", async () => {
  const workspace = Workspace.forTest({
    'experiments.yaml': small,
    'templates/train.py.hbs': 'import fts\n# {{recrod}}\n',
    'templates/hpo.py.hbs': '1\n{{#if}\n',
  });
  const {status, err} = await checked(workspace);
  expect(status).toBe(2);
  expect(err).toContain(
    'templates/train.py.hbs:2:5: error FTS502: the template train.py.hbs cannot be rendered: nothing is called "recrod" here (did you mean "record"?)',
  );
  expect(err).toContain('  2 | # {{recrod}}\n    |     ^^^^^^^^');
  expect(err).toContain('templates/hpo.py.hbs:2:1: error FTS502');
  expect(err).toContain('a script may use the names that templates/hpo.py.hbs and train.py.hbs use');
  expect(err).toContain('2 errors');
});

test.each(['report.md.hbs', 'runbook.md.hbs', 'phase-readme.md.hbs'])(
  'of a mistake in %s the help does not speak of scripts',
  async (name) => {
    const workspace = Workspace.forTest({'experiments.yaml': small, [`templates/${name}`]: '{{recrod}}'});
    const {err} = await checked(workspace);
    expect(err).toContain(`help: Correct the template; it may use the names that the program's own ${name} uses.`);
  },
);

test('each profile is tried, and what is wrong only there says so; a named one is tried alone', async () => {
  const text = `${small}profiles:\n  slim: {context: 5}\n  sound: {epochs: 1}\n`;
  const workspace = Workspace.forTest({'experiments.yaml': text});
  const {status, err} = await checked(workspace);
  expect(status).toBe(2);
  expect(err).toMatch(/FTS241: patch\.length 10 is longer than context 5 \(with --profile slim\)/);
  expect((await checked(workspace, {profile: 'sound'})).status).toBe(0);
});

test('--json is what its schema says, with and without problems', async () => {
  for (const text of [small, broken, `${small}«`]) {
    const {out} = await checked(Workspace.forTest({'experiments.yaml': text}), {format: 'json'});
    expect(schemaProblems('check', JSON.parse(out))).toEqual([]);
  }
  expect(schemaProblems('check', JSON.parse((await checked(Workspace.forTest(), {format: 'json'})).out))).toEqual([]);
});

test('--format github prints one annotation a problem, its text escaped', async () => {
  const {out} = await checked(Workspace.forTest({'experiments.yaml': broken}), {format: 'github'});
  const lines = out.split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^::error file=experiments\.yaml,line=5,col=16,title=FTS115::"six" is not a count%0A/);
  const odd = await checked(Workspace.forTest({'experiments.yaml': replaced('  first:', '  "50%,a:b":')}), {format: 'github'});
  expect(odd.out).toContain('"50%25,a:b"');
});

// The parts of the SARIF 2.1.0 schema that code scanning relies on.
const sarif = {
  type: 'object',
  required: ['version', 'runs'],
  properties: {
    $schema: {type: 'string', format: 'uri'},
    version: {const: '2.1.0'},
    runs: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['tool', 'results'],
        properties: {
          columnKind: {enum: ['utf16CodeUnits', 'unicodeCodePoints']},
          tool: {
            type: 'object',
            required: ['driver'],
            properties: {
              driver: {
                type: 'object',
                required: ['name'],
                properties: {rules: {type: 'array', uniqueItems: true, items: {$ref: '#/$defs/rule'}}},
              },
            },
          },
          results: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              // GitHub takes no file with a result that has no place.
              required: ['message', 'locations'],
              properties: {
                ruleId: {type: 'string'},
                ruleIndex: {type: 'integer', minimum: 0},
                level: {enum: ['none', 'note', 'warning', 'error']},
                message: {$ref: '#/$defs/message'},
                locations: {type: 'array', minItems: 1, items: {$ref: '#/$defs/location'}},
                relatedLocations: {type: 'array', minItems: 1, items: {$ref: '#/$defs/location'}},
              },
            },
          },
        },
      },
    },
  },
  $defs: {
    rule: {type: 'object', required: ['id', 'shortDescription'], properties: {shortDescription: {$ref: '#/$defs/message'}}},
    message: {type: 'object', required: ['text'], properties: {text: {type: 'string', minLength: 1}}},
    location: {
      type: 'object',
      additionalProperties: false,
      required: ['physicalLocation'],
      properties: {
        id: {type: 'integer', minimum: -1},
        message: {$ref: '#/$defs/message'},
        physicalLocation: {
          type: 'object',
          additionalProperties: false,
          required: ['artifactLocation', 'region'],
          properties: {
            artifactLocation: {
              type: 'object',
              required: ['uri'],
              properties: {uri: {type: 'string', pattern: '^[^/ ][^ ]*$'}, uriBaseId: {type: 'string'}},
            },
            region: {
              type: 'object',
              additionalProperties: false,
              required: ['startLine', 'startColumn', 'endLine', 'endColumn'],
              properties: {
                startLine: {type: 'integer', minimum: 1},
                startColumn: {type: 'integer', minimum: 1},
                endLine: {type: 'integer', minimum: 1},
                endColumn: {type: 'integer', minimum: 1},
                charOffset: {type: 'integer', minimum: 0},
                charLength: {type: 'integer', minimum: 0},
              },
            },
          },
        },
      },
    },
  },
};

function sarifProblems(log: unknown): readonly unknown[] {
  const validate = new Ajv2020({strict: false, validateFormats: false}).compile(sarif);
  return validate(log) ? [] : (validate.errors ?? []);
}

test('--format sarif has the structure of SARIF 2.1.0, second places included', async () => {
  for (const files of [{'experiments.yaml': small}, {'experiments.yaml': broken}, {'experiments.yaml': `${small}version: 1\n`}, {}]) {
    const {out} = await checked(Workspace.forTest(files), {format: 'sarif'});
    const log = JSON.parse(out) as {runs: {results: {ruleId: string; ruleIndex: number}[]; tool: {driver: {rules: {id: string}[]}}}[]};
    expect(sarifProblems(log)).toEqual([]);
    for (const {results, tool} of log.runs)
      for (const {ruleId, ruleIndex} of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  }
  const twice = await checked(Workspace.forTest({'experiments.yaml': `${small}version: 1\n`}), {format: 'sarif'});
  expect(twice.out).toContain('"relatedLocations"');
});

async function sarifResults(text: string): Promise<readonly {ruleId: string; region: Record<string, number>}[]> {
  const {out} = await checked(Workspace.forTest({'experiments.yaml': text}), {format: 'sarif'});
  const [run] = (
    JSON.parse(out) as {runs: {results: {ruleId: string; locations: {physicalLocation: {region: Record<string, number>}}[]}[]}[]}
  ).runs;
  return run!.results.map(({ruleId, locations}) => ({ruleId, region: locations[0]!.physicalLocation.region}));
}

test('a region of SARIF ends behind its last character, over lines too', async () => {
  expect((await sarifResults(broken))[0]).toMatchObject({
    ruleId: 'FTS115',
    region: {startLine: 5, startColumn: 16, endLine: 5, endColumn: 19},
  });
  const [over] = await sarifResults(replaced('6K: {params: 6K}', '6K: {params: "six\n   seven"}'));
  expect(over).toMatchObject({ruleId: 'FTS115', region: {startLine: 5, startColumn: 16, endLine: 6, endColumn: 10}});
});

test('a rule of SARIF says what the catalogue of problems says of its code', async () => {
  const {out} = await checked(Workspace.forTest({'experiments.yaml': broken}), {format: 'sarif'});
  const [run] = (JSON.parse(out) as {runs: {tool: {driver: {rules: unknown[]}}}[]}).runs;
  expect(run!.tool.driver.rules).toEqual([
    {id: 'FTS110', shortDescription: {text: 'unknown key'}},
    {id: 'FTS115', shortDescription: {text: 'a quantity that cannot be read, or a day that there is not'}},
  ]);
});

test('without Python the words and brackets of the scripts are still checked', () => {
  const script = (source: string): {path: string; template: string; source: string} => ({path: 'a.py', template: 'train.py.hbs', source});
  expect(scanScripts([script('def f(a):\n    return [a]\n')])).toEqual([]);
  for (const source of ['x = "open\n', 'x = (1, 2\n', 'if a:\n        b\n    c\n'])
    expect(scanScripts([script(source), script(source)]).map(({code}) => code)).toEqual(['FTS503']);
});

test('from the command line: exit status 2 and a marker; nothing is written', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': broken});
  const {status, err} = await workspace.ftsbuild(['check', '--no-data']);
  expect(status).toBe(2);
  expect(err).toMatch(/\^\^\^/);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});
