import { once, type Migration } from './migration.ts';

/**
 * Looking through the audit log for the planner takes a second where 300,000 rows are sampled, and came with each tenth more rows: it is
 * the fastest growing table, and searched rarely. A tenth of the sample finds the same frequent keys.
 */
export const auditStatistics: Migration = {
  number: 17,
  name: 'audit-statistics',
  async run(tx, schema) {
    await tx.query(once(`ALTER TABLE ${schema}.audit_record ALTER keys SET STATISTICS 100`));
    await tx.query(once(`ALTER TABLE ${schema}.audit_record SET (autovacuum_analyze_scale_factor = 0.5)`));
  },
};
