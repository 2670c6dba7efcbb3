/**
 * What a narrative may be made of (http://hl7.org/fhir/R4/narrative.html#xhtml): chapters 7 to 11 and 15 of HTML 4.0 without
 * insertions and deletions and what is deprecated there, links, and images.
 */

const words = (text: string): string[] => text.trim().split(/\s+/);

const STRUCTURE = 'div span h1 h2 h3 h4 h5 h6 address bdo hr';
const TEXT =
  'em strong dfn code samp kbd var cite abbr acronym blockquote q sub sup p br pre tt i b big small';
const LISTS = 'ul ol li dl dt dd';
const TABLES = 'table caption colgroup col thead tfoot tbody tr th td';
const LINKS_AND_IMAGES = 'a img map area';

export const ELEMENTS: ReadonlySet<string> = new Set(
  words([STRUCTURE, TEXT, LISTS, TABLES, LINKS_AND_IMAGES].join(' ')),
);

/** What may not stand in a paragraph, because it would end it. */
export const BLOCKS: ReadonlySet<string> = new Set(
  words('p div h1 h2 h3 h4 h5 h6 address hr blockquote pre table ul ol li dl dt dd'),
);

/** Attributes that any element may have. */
export const COMMON_ATTRIBUTES: ReadonlySet<string> = new Set(
  words(
    `title style class id lang xml:lang xml:space dir accesskey tabindex xmlns span width align valign char charoff abbr axis headers scope
    rowspan colspan`,
  ),
);

/** Further ones, by element. */
export const ATTRIBUTES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    a: 'href name charset type hreflang rel rev shape coords',
    img: 'src alt longdesc height width usemap ismap border',
    area: 'shape coords href nohref alt',
    map: 'name',
    blockquote: 'cite',
    q: 'cite',
    table: 'summary border frame rules cellspacing cellpadding',
    td: 'nowrap',
    th: 'nowrap',
    ol: 'type start',
    ul: 'type',
    li: 'value',
    pre: 'width',
  }).map(([element, attributes]) => [element, new Set(words(attributes))]),
);

/** Attributes whose value is an address. */
export const ADDRESSES: ReadonlySet<string> = new Set(words('href src longdesc cite usemap'));
