/** What can be uploaded. */
export type FileKind = 'dicom' | 'jpeg' | 'png';

const DICM = Buffer.from('DICM', 'latin1');
const DICM_AT = 128;
const JPEG = Buffer.from('ffd8ff', 'hex');
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

/** Whatever a file is called, and its type is said to be: what it begins with decides. */
export function fileKind(file: Buffer): FileKind | undefined {
  if (file.subarray(DICM_AT, DICM_AT + DICM.length).equals(DICM)) return 'dicom';
  if (file.subarray(0, JPEG.length).equals(JPEG)) return 'jpeg';
  return file.subarray(0, PNG.length).equals(PNG) ? 'png' : undefined;
}
