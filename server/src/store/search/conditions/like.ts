/** A LIKE pattern; where it begins with text, the planner makes an index range of it. */
export function likePattern(match: 'starts-with' | 'contains' | 'ends-with', text: string): string {
  const escaped = text.replace(/[\\%_]/g, '\\$&');
  return `${match === 'starts-with' ? '' : '%'}${escaped}${match === 'ends-with' ? '' : '%'}`;
}
