// What changes the digest of a Python source, and what does not.
import {expect, test} from 'vitest';
import {meaningOf} from '../../src/state/python-source.ts';
import {compareWithPython} from './python-cases.ts';

const same = (left: string, right: string): void => expect(meaningOf(left).digest, `${left}\n---\n${right}`).toBe(meaningOf(right).digest);
const differ = (left: string, right: string): void =>
  expect(meaningOf(left).digest, `${left}\n---\n${right}`).not.toBe(meaningOf(right).digest);

test(
  'equal digests mean equal trees, and harmless edits leave them alone, over files of the standard library',
  {timeout: 60_000},
  async () => {
    const agreement = await compareWithPython({files: 60, harmless: 2, risky: 5, seed: 1});
    expect(agreement.problems).toEqual([]);
    expect(agreement.files).toBeGreaterThan(50);
    expect(agreement.changed).toBeGreaterThan(60);
  },
);

test('comments, blank lines, layout and line joins do not count', () => {
  same('x = 1\ny = 2\n', '# c\nx=1   # d\n\n\ny  =\\\n  2');
  same('def f(a,b):\n  return a\n', 'def f(\n    a,  # first\n    b):\n\n        # why\n        return a');
  same('if x:\n\ty\n', 'if x:\r\n        y\r\n');
  same('\ufeffx = 1', 'x = 1\n');
  same('if x:\n    y\n# out\n    z\n', 'if x:\n    y\n    z\n');
});

test('docstrings do not count, other strings do', () => {
  same('"""doc"""\nx = 1\n', 'x = 1\n');
  same('def f():\n    "doc"\n    return 1\n', 'def f():\n    r"""other\n    text""" "more"\n    return 1\n');
  same('class A: "doc"\n', "class A: 'x';\n");
  same('async def f() -> lambda: 0: "doc"; return 1\n', 'async def f() -> lambda: 0: return 1\n');
  same('def f(a: "x" = {1: 2}):\n  "doc"\n', 'def f(a: "x" = {1: 2}):\n  "dog";\n');
  differ('x = "a"\n', 'x = "b"\n');
  differ('def f():\n    x\n    "not doc"\n', 'def f():\n    x\n    "not dog"\n');
  differ('def f(): pass\n"a"\n', 'def f(): pass\n"b"\n');
  differ('if x:\n    "a"\n', 'if x:\n    "b"\n');
  differ('def f():\n    b"bytes"\n', 'def f():\n    b"other"\n');
  differ('def f():\n    f"{a()}"\n', 'def f():\n    f"{b()}"\n');
  differ('def f():\n    "%s" % a()\n', 'def f():\n    "%d" % a()\n');
});

test('what a program does counts', () => {
  differ('x = 1\n', 'x = 2\n');
  differ('x = a - b\n', 'x = a + b\n');
  differ('if a:\n    b\nc\n', 'if a:\n    b\n    c\n');
  differ('import a\nimport b\n', 'import b\nimport a\n');
  differ('x = "a b"\n', 'x = "a  b"\n');
  differ('x = """a\n  b"""\n', 'x = """a\n b"""\n');
  differ('x = 1 # a \\\ny\n', 'x = 1 # a y\n');
});

test('which quotes a string has does not count, nor a prefix that says nothing', () => {
  same(`x = 'a'\n`, 'x = "a"\n');
  same(`x = 'it\\'s "it"'\n`, `x = "it's \\"it\\""\n`);
  same(`x = '''a'''\n`, 'x = "a"\n');
  same(`x = r'a'; y = B'b'; z = F'{c}'\n`, 'x = "a"; y = b"b"; z = f"{c}"\n');
  same(`x = f'\\t{a!r:>10}{{}}'\n`, 'x = F"\\t{a!r:>10}{{}}"\n');
  same(`x = f'\\'{a}\\' "b"'\n`, `x = f"'{a}' \\"b\\""\n`);
  same(`x = f"'{a:{b}}' \\N{DASH}"\n`, `x = f'\\'{a:{b}}\\' \\N{DASH}'\n`);
  same(`x = rf'\\d{a}'\n`, `x = fR"\\d{a}"\n`);
  differ(`x = rf'\\d{a}'\n`, `x = f'\\d{a}'\n`);
  differ(`x = f'{a["b"]}'\n`, `x = f'{a["c"]}'\n`);
  differ(`x = f"{a}'"\n`, `x = f"{{a}}'"\n`);
  same(`x = R'\\d'\n`, 'x = r"\\d"\n');
  differ(`x = r'\\d'\n`, 'x = "\\d"\n');
  differ(`x = r'a\\'b'\n`, `x = "a'b"\n`);
  differ(`x = '\\\\'\n`, `x = r'\\\\'\n`);
  differ('x = u"a"\n', 'x = "a"\n');
  differ('x = b"a"\n', 'x = "a"\n');
  differ('x = "a" "b"\n', 'x = "ab"; "b"\n');
  differ('x = f"{a}"\n', 'x = "{a}"\n');
});

test('a comma before a closing bracket does not count, but where it makes a tuple', () => {
  for (const [left, right] of [
    ['f(a,)', 'f(a)'],
    ['f(lambda x, y: x,)', 'f(lambda x, y: x)'],
    ['x[0](a, b,)', 'x[0](a, b)'],
    ['(a, b,)', '(a, b)'],
    ['[a,]', '[a]'],
    ['return_ = [[a,], {b,}, {1: c,},]', 'return_ = [[a], {b}, {1: c}]'],
    ['x[a, b,]', 'x[a, b]'],
    ['from a import (b,)', 'from a import (b)'],
    ['def f(a, *, b=(1, 2,),): pass', 'def f(a, *, b=(1, 2)): pass'],
    ['class A(B,): pass', 'class A(B): pass'],
  ] as const)
    same(`${left}\n`, `${right}\n`);
  for (const [left, right] of [
    ['x = (a,)', 'x = (a)'],
    ['x[a,]', 'x[a]'],
    ['x = (lambda a, b: c,)', 'x = (lambda a, b: c)'],
    ['x[lambda a, b: c,]', 'x[lambda a, b: c]'],
    ['f((a,))', 'f((a))'],
    ['return (a,)', 'return (a)'],
    ['match (a,):\n    case (b,): pass', 'match (a):\n    case (b): pass'],
    ['for x in (a,): pass', 'for x in (a): pass'],
    ['x = y[()][a,]', 'x = y[()][a]'],
  ] as const)
    differ(`${left}\n`, `${right}\n`);
});

test('an f-string is one token, with quotes inside as newer versions allow', () => {
  for (const text of [
    `f"{d["k"]} # no comment"`,
    `f'{x!r:>{w}}{{}}'`,
    `f"{x:{'{'}>10}"`,
    `rf"\\{x}"`,
    `f"\\N{LEFT CURLY BRACKET}"`,
    `f"""{\n  x  # {\n}"""`,
    `F"{f"{f'{1}'}"}"`,
    `f"{x:%H:%M}{(lambda y: "a")(1)}"`,
    `f"{ {'a': 1}['a'] }"`,
  ]) {
    differ(`x = ${text}; y = 1\n`, `x = ${text}; y = 2\n`);
    same(`x = ${text}; y = 1\n`, `x = ${text} ;  y = 1  # "\n`);
  }
});

test('a change is named by its function, method or class', () => {
  const source = (constant: string, method: string, rest: string): string => `import os
@decorator
def free():
    def inner(): pass
    return ${constant}
class Model(Base):
    size = 3
    class Inner:
        def deep(self): return 0
    @property
    def name(self): return ${method}
    @name.setter
    def name(self, value): pass
if os:
    def conditional(): return ${rest}
`;
  const changed = (other: string): string[] => {
    const before = meaningOf(source('1', '2', '3')).parts;
    const after = meaningOf(other).parts;
    return [...before].filter(([name, digest]) => after.get(name) !== digest).map(([name]) => name);
  };
  expect([...meaningOf(source('1', '2', '3')).parts.keys()]).toEqual([
    '<module>',
    'free',
    'Model',
    'Model.Inner',
    'Model.Inner.deep',
    'Model.name',
  ]);
  expect(changed(source('9', '2', '3'))).toEqual(['free']);
  expect(changed(source('1', '9', '3'))).toEqual(['Model.name']);
  expect(changed(source('1', '2', '9'))).toEqual(['<module>']);
  expect(changed(source('1', '2', '3').replace('size = 3', 'size = 4'))).toEqual(['Model']);
  expect(changed(source('1', '2', '3').replace('@decorator', '@other'))).toEqual(['free']);
});

test('what cannot be read as Python counts by its bytes', () => {
  differ('x = (\n', 'x =  (\n');
  differ('x = "\n', 'x = " \n');
  differ('if x:\n    y\n  z\n', 'if x:\n    y\n   z\n');
  const latin = (byte: number): Uint8Array => Buffer.from([...Buffer.from('# coding: latin-1\nx = "'), byte, ...Buffer.from('"\n')]);
  expect(meaningOf(latin(0xe4)).digest).not.toBe(meaningOf(latin(0xf6)).digest);
  differ('# -*- coding: latin-1 -*-\nx = "ä"\n', 'x = "ä"\n');
  same('# -*- coding: utf-8 -*-\nx = "ä"\n', 'x = "ä"\n');
});
