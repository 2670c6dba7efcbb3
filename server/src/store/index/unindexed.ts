/** Search parameters that have no index rows, each with what serves it instead. */
export const UNINDEXED_PARAMETERS: Readonly<Record<string, string>> = {
  _id: 'the primary key of the type',
  _lastUpdated: 'a column of its own',
  _text: 'no expression: full text of the narrative',
  _content: 'no expression: full text of the resource',
  _query: 'no expression: names a stored query, no property of a resource',
  _list: 'no expression: membership in a List, answered from the List',
  _filter: 'no expression: a query language',
  _has: 'no expression: a reverse chain',
  _type: 'no expression: the type is the table',
};

/**
 * Types that an expression reaches but that its kind of parameter cannot search by: a text is no date, and the
 * specification gives ages and attachments no place on a date or a reference.
 */
export const UNINDEXED_TYPES: Readonly<Record<string, readonly string[]>> = {
  date: ['string', 'Age', 'Range', 'Duration', 'boolean'],
  reference: ['Attachment', 'CodeableConcept', 'Identifier'],
  token: ['Quantity', 'Range', 'Reference', 'Age', 'Period', 'dateTime', 'integer'],
};
