/** dcmjs comes without types: those of what is used of it. */
declare module 'dcmjs' {
  interface DictionaryEntry {
    /** As (0010,0010). */
    tag: string;
    vr: string;
  }

  const dcmjs: {
    data: {
      DicomMetaDictionary: {
        /** By keyword. */
        nameMap: Readonly<Record<string, DictionaryEntry | undefined>>;
        /** By tag as (0010,0010). */
        dictionary: Readonly<Record<string, DictionaryEntry | undefined>>;
      };
    };
  };
  export default dcmjs;
}
