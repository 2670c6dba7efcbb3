import type { Condition } from '../../../fhir/search/ast.ts';
import { compositeTerms } from '../conditions/composite.ts';
import { keyTerms } from '../conditions/keyTerms.ts';
import type { MatchContext } from './candidate.ts';
import { CLUE_RANK, cluesOfAny, keyClues, type Clue, type ClueRank, type Clues } from './clue.ts';
import {
  dateClues,
  nearClues,
  numberClues,
  quantityClues,
  stringClues,
  termClues,
  tokenTextClues,
  uriClues,
} from './leafClues.ts';

/** Parameters that many resources have the same value of. */
const COMMON_CODES = new Set(['status', 'category', 'active', 'gender', 'intent', 'priority', 'use']);

/**
 * By what a resource is found that satisfies all of the conditions, without a look at the others. Each element would do by itself; those whose
 * clues are likely to be rare come first. None: nothing so simple is known, and the conditions must be compared with every resource.
 */
export function cluesOf(context: MatchContext, conditions: readonly Condition[]): Clues[] {
  const all = conditions.flatMap((condition) => alternatives(context, condition));
  return narrowed(all).sort((a, b) => a.rank - b.rank);
}

function alternatives(context: MatchContext, condition: Condition): Clues[] {
  const keys = keyTerms(context, condition);
  if (keys) return keyClues(keys, rankOf(condition));
  switch (condition.kind) {
    case 'id':
      return keyClues(
        condition.ids.map((id) => context.index.selfKey(context.type, id)),
        CLUE_RANK.identity,
      );
    case 'and':
      return condition.conditions.flatMap((part) => alternatives(context, part));
    case 'or':
      return cluesOfAny(condition.conditions.map((part) => alternatives(context, part)));
    case 'string':
      return stringClues(context, condition);
    case 'uri':
      return uriClues(context, condition);
    case 'token-text':
      return tokenTextClues(context, condition);
    case 'date':
      return dateClues(context, condition);
    case 'number':
      return numberClues(context, condition);
    case 'quantity':
      return quantityClues(context, condition);
    case 'composite':
      return cluesOfAny(compositeTerms(context, condition).map(termClues));
    case 'near':
      return nearClues(context, condition);
    default:
      return [];
  }
}

function rankOf(condition: Condition): ClueRank {
  if (condition.kind === 'missing') return CLUE_RANK.presence;
  if (condition.kind === 'or') return CLUE_RANK.code;
  if (condition.kind !== 'token') return CLUE_RANK.identity;
  return COMMON_CODES.has(condition.parameter.code) ? CLUE_RANK.commonCode : CLUE_RANK.code;
}

/** Spans of one place that must all be met (from a day on, until another) are one, which reaches no further than any of them. */
function narrowed(all: readonly Clues[]): Clues[] {
  const others: Clues[] = [];
  const spans = new Map<string, Extract<Clue, { kind: 'span' }>>();
  for (const clues of all) {
    const [clue] = clues.anyOf;
    if (clues.anyOf.length !== 1 || clue?.kind !== 'span') {
      others.push(clues);
      continue;
    }
    const { place, from, to } = clue;
    const name = place === 'main-date' ? place : `${place.param} ${place.unit}`;
    const known = spans.get(name) ?? clue;
    spans.set(name, { ...clue, from: Math.max(known.from, from), to: Math.min(known.to, to) });
  }
  return [...others, ...[...spans.values()].map((clue) => ({ anyOf: [clue], rank: CLUE_RANK.span }))];
}
