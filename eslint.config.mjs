import js from '@eslint/js';
import ts from 'typescript-eslint';
import rooms from './scripts/lint/rooms.mjs';

export default ts.config(
  { ignores: ['**/node_modules/', '.maxray/', 'bench/results/', 'console/dist/'] },
  js.configs.recommended,
  ts.configs.recommended,
  {
    plugins: { maxray: rooms },
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
      },
    },
    rules: {
      'maxray/import-direction': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 80, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 25],
      'no-console': ['error', { allow: ['error'] }],
      'no-eval': 'error',
      'no-control-regex': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  { files: ['scripts/**', 'bench/**', 'seed/**', 'server/src/cli/**'], rules: { 'no-console': 'off' } },
);
