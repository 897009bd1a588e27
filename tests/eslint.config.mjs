// Of the pages, their build and the tests. Called from the root: eslint --config tests/eslint.config.mjs
import js from '@eslint/js';
import globals from 'globals';

const rules = {
  'array-callback-return': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-else-return': 'error',
  'no-implicit-coercion': ['error', { boolean: false }],
  'no-self-compare': 'error',
  'no-unused-vars': ['error', { args: 'after-used', ignoreRestSiblings: true }],
  'no-use-before-define': ['error', { functions: false, variables: false, classes: false }],
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': ['error', { ignoreReadBeforeAssign: true }],
};

export default [
  js.configs.recommended,
  { rules, linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { files: ['htdocs/**/*.js'], languageOptions: { globals: globals.browser } },
  {
    files: ['tools/**/*.mjs', 'tests/**/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
