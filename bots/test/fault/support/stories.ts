import { notificationStories } from './notificationStories.ts';
import { billingStories } from './billingStories.ts';
import type { Story } from './story.ts';

/** All stories; together they have every bot of ours do something. */
export const STORIES: readonly Story[] = [...billingStories, ...notificationStories];
