// Comments in templates mean nothing: leaving them out never changes what is rendered, and their words never count.
import fc from 'fast-check';
import {readdirSync} from 'node:fs';
import {expect, test} from 'vitest';
import {withoutTemplateComments} from '../../src/results/template-comments.ts';
import {renderTemplate} from '../../src/results/template.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';
import {repositoryText} from '../support/studies.ts';

test.each([
  ['alone on its line', 'a\n  {{! why }}\nb\n', 'a\nb\n'],
  ['over several lines', '{{!--\nwhy\n  {{x}} --}}\nb', 'b'],
  ['amid text', 'a {{! why }} b\n', 'a  b\n'],
  ['at the end', 'a\n  {{! why }}', 'a\n'],
  ['in a string', '{{x "{{! no }}"}}', '{{x "{{! no }}"}}'],
  ['beside an expression', '{{#if x}}{{! why }}\ny{{/if}}', '{{#if x}}{{!----}}\ny{{/if}}'],
  ['that strips', 'a {{~! why ~}} b', 'a {{~!----~}} b'],
])('a comment %s', (_, template, without) => {
  expect(withoutTemplateComments(template)).toBe(without);
});

test('what is rendered is the same without comments, whatever stands around them', async () => {
  const pieces = [
    'a',
    ' ',
    '\n',
    '  \n',
    '{{! c }}',
    '{{!-- c\n --}}',
    '{{~! c }}',
    '{{!-- c --~}}',
    '{{x}}',
    '{{{x}}}',
    '{{#if x}}y{{/if}}',
    '{{#if x}}\n',
    '"',
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), {maxLength: 14}), async (chosen) => {
      const open = chosen.filter((piece) => piece === '{{#if x}}\n').length;
      const template = chosen.join('') + '{{/if}}'.repeat(open);
      const render = (text: string): Promise<string> => renderTemplate(text, {x: 'value'});
      expect(await render(withoutTemplateComments(template))).toBe(await render(template));
    }),
    {numRuns: 500},
  );
});

test('no comment of the templates counts', () => {
  for (const name of readdirSync(`${repositoryRoot}/templates`)) {
    const text = repositoryText(`templates/${name}`);
    expect(withoutTemplateComments(text.replaceAll(/\{\{!--[\s\S]*?--\}\}/g, '{{!-- other words --}}'))).toBe(
      withoutTemplateComments(text),
    );
  }
});
