/** Arguments without `--tenant NAME`, wherever that stands; undefined where it has no name, or comes twice. */
export function takeTenant(args: readonly string[]): { rest: string[]; tenant?: string } | undefined {
  const rest: string[] = [];
  let tenant: string | undefined;
  for (let i = 0; i < args.length; i += 1) {
    const [, inline] = /^--tenant=(.*)$/.exec(args[i]!) ?? [];
    const isOption = args[i] === '--tenant';
    if (!isOption && inline === undefined) {
      rest.push(args[i]!);
      continue;
    }
    const name = inline ?? args[(i += 1)];
    if (name === undefined || name === '' || tenant !== undefined) return undefined;
    tenant = name;
  }
  return { rest, ...(tenant !== undefined && { tenant }) };
}
