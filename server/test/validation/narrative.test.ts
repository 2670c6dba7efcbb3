import { describe, expect, test } from '@jest/globals';
import { narrativeFault } from '../../src/validation/narrative/scanNarrative.ts';

const div = (content: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
const ruleOf = (text: string) => narrativeFault(text)?.rule;

describe('narratives', () => {
  test.each([
    'text',
    '<p style="color: red">a <b>b</b><br/>&amp; &#160;&#xA0;</p>',
    '<table border="1"><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
    '<a href="http://example.org/a?b=c#d">x</a><a name="y"> </a>',
    '<img src="#image" alt="x"/>',
    '<img src="data:image/png;base64,AAAA" alt="x"/>',
    '<!-- remark --><ul><li>x</li></ul>',
    '<![CDATA[a < b]]>',
    '<!-- a - b --><!---->&#9;&#xE000;&#x1F600;',
    '<span title=\'a > b\' lang="de">x</span>',
  ])('may have %s', (content) => {
    expect(narrativeFault(div(content))).toBeUndefined();
  });

  test.each([
    ['<p>a</pa>', 'narrative-syntax'],
    ['<p>a', 'narrative-syntax'],
    ['a</div><div>', 'narrative-syntax'],
    ['<p class=x>a</p>', 'narrative-syntax'],
    ['<p class="x" class="y">a</p>', 'narrative-syntax'],
    ['a &nbsp; b', 'narrative-syntax'],
    ['a & b', 'narrative-syntax'],
    ['a &#0; b', 'narrative-syntax'],
    ['<b title="&#x1F;">a</b>', 'narrative-syntax'],
    ['a &#xD800; b', 'narrative-syntax'],
    ['a &#x110000; b', 'narrative-syntax'],
    ['a ]]> b', 'narrative-syntax'],
    ['<!-- a -- b -->c', 'narrative-syntax'],
    ['<!-- a --->c', 'narrative-syntax'],
    ['<p title="&copy;">a</p>', 'narrative-syntax'],
    ['<!DOCTYPE foo>a', 'narrative-syntax'],
    ['<?php x ?>a', 'narrative-syntax'],
    ['<script>x</script>', 'narrative-element'],
    ['<iframe src="x"/>', 'narrative-element'],
    ['<form>x</form>', 'narrative-element'],
    ['<x:p>a</x:p>', 'narrative-element'],
    ['<p>a <p>b</p></p>', 'narrative-element'],
    ['<p onclick="x">a</p>', 'narrative-attribute'],
    ['<p onClick="x">a</p>', 'narrative-attribute'],
    ['<p href="x">a</p>', 'narrative-attribute'],
    ['<a href="javascript:x">a</a>', 'narrative-attribute'],
    ['<a href=" Java&#x0A;Script:x">a</a>', 'narrative-attribute'],
    ['<a href="data:text/html,x">a</a>', 'narrative-attribute'],
    ['<a href="http://example.org/{x}">a</a>', 'narrative-attribute'],
    ['<p style="width: expression(x)">a</p>', 'narrative-attribute'],
    ['<p xmlns="http://hl7.org/fhir">a</p>', 'narrative-namespace'],
    ['', 'narrative-empty'],
    [' <p> </p>\u00a0', 'narrative-empty'],
  ])('%s: %s', (content, rule) => {
    expect(ruleOf(div(content))).toBe(rule);
  });

  test('are one div in the namespace of XHTML', () => {
    expect(ruleOf('<div>x</div>')).toBe('narrative-namespace');
    expect(ruleOf('<div xmlns="http://www.w3.org/1999/xhtmlx">x</div>')).toBe('narrative-namespace');
    expect(ruleOf(`${div('x')}${div('y')}`)).toBe('narrative-syntax');
    expect(ruleOf('<p>x</p>')).toBe('narrative-syntax');
  });

  test('take a time that grows with their length', () => {
    for (const piece of ['<', '<p ', '<p a="', '&', '<!--', '<b>', ' a="b"']) {
      expect(ruleOf(`<div xmlns="http://www.w3.org/1999/xhtml"${piece.repeat(100_000)}`)).toBeDefined();
    }
  });
});
