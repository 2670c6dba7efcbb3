/** A value of an element: several in an array, data sets where the element is a sequence, bytes where it is OB or OW. Empty: '' or []. */
export type Value = string | number | readonly (string | number)[] | readonly DataSet[] | Uint8Array;

/** A data set to be written: values by keyword (PS3.6), whose value representation is the dictionary's. What is undefined is left out. */
export interface DataSet {
  readonly [keyword: string]: Value | undefined;
}

/** Elements that were read, by keyword, as dcmjs gives them. */
export type Values = Readonly<Record<string, unknown>>;
