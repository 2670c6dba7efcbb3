import fs from 'node:fs';

/** A file with a secret cannot be used; the message names it and says what to do. */
export class OwnedFileError extends Error {}

/**
 * The text of a file that only the server's account can read, made when absent.
 *
 * @param make what it is to hold then
 * @throws OwnedFileError
 */
export function ownedText(file: string, make: () => string): string {
  try {
    fs.writeFileSync(file, make(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new OwnedFileError(`The file ${file} cannot be made (${code}).`);
  }
  try {
    if ((fs.statSync(file).mode & 0o077) === 0 || process.platform === 'win32')
      return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new OwnedFileError(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  throw new OwnedFileError(`Others can read ${file}: chmod 600 it, and change its secret.`);
}

/** The members of a JSON object in such a file, each a text. @throws OwnedFileError where one is missing */
export function ownedTexts<const N extends string>(
  file: string,
  names: readonly N[],
  make: () => Record<N, string>,
): Record<N, string> {
  const text = ownedText(file, () => `${JSON.stringify(make(), null, 2)}\n`);
  const held = objectIn(text);
  if (names.every((name) => typeof held[name] === 'string')) return held as Record<N, string>;
  throw new OwnedFileError(
    `The file ${file} does not hold ${names.join(' and ')} as JSON: remove it, and another is made.`,
  );
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as object | null) };
  } catch {
    return {};
  }
}
