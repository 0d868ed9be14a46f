import { writeFile } from 'node:fs/promises';
import { K3duiError } from '../../errors.ts';

/**
 * Writes an export to a file that is not there yet, unless `replace`. With a secret in it only its owner can read it.
 * Throws FILE_EXISTS, FILE_UNWRITABLE.
 */
export async function writeExport(
  path: string,
  text: string,
  { replace = false, secret = false }: { replace?: boolean; secret?: boolean } = {},
): Promise<void> {
  try {
    await writeFile(path, text, { flag: replace ? 'w' : 'wx', mode: secret ? 0o600 : 0o644 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new K3duiError({
        code: 'FILE_EXISTS',
        message: `there is a file ${path} already`,
        hint: 'give another name, or replace it with --force',
        cause: error,
      });
    }
    throw new K3duiError({
      code: 'FILE_UNWRITABLE',
      message: `${path} cannot be written: ${message}`,
      hint: 'give a path in a folder that is there and yours',
      cause: error,
    });
  }
}
