import type { ClientBase, Pool } from 'pg';

const DURABLE_SETTINGS = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

/** Throws unless a commit on this connection survives a power loss: a floor that cheats is no floor. */
export const assertDurable = async (connection: Pick<ClientBase | Pool, 'query'>): Promise<void> => {
  for (const setting of DURABLE_SETTINGS) {
    const { rows } = await connection.query<{ value: string }>('SELECT current_setting($1) AS value', [
      setting,
    ]);
    if (rows[0]?.value !== 'on')
      throw new Error(
        `PostgreSQL runs with ${setting} = ${rows[0]?.value}: no benchmark without durable commits`,
      );
  }
};
