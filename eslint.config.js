import tseslint from 'typescript-eslint';

/** Files that may read a secret's value: crypto encrypts it, minting computes its digest, adapters and secret sources present it, the banner shows it once. */
const MAY_EXPOSE = [
  'src/platform/crypto/**',
  'src/orgs/sign-in/password-hash.ts',
  'src/keys/admin-api-keys/create-admin-api-key.ts',
  'src/keys/virtual-keys/virtual-key-secret.store.ts',
  'src/clients/storage/oauth-client-secret.store.ts',
  'src/content/capture/sealed-content.ts',
  'src/oauth/idp-client/client.ts',
  'src/oauth/sessions/encrypted-state.store.ts',
  'src/oauth/oidc-library/oidc-provider-patches.ts',
  'src/oauth/signing-keys/signing-key.store.ts',
  'src/oauth/storage/artifacts/payload.ts',
  'src/providers/**',
  'src/keys/secret-sources/**',
  'src/proxy/response/secret-mask.ts',
  'src/app/banner.ts',
  'src/demo/**',
  'test/**',
];

const noExpose = {
  selector: "CallExpression[callee.property.name='expose']",
  message: 'Only crypto, provider adapters and secret sources may expose a secret.',
};

const privateMember = {
  selector: ":matches(PropertyDefinition, MethodDefinition[kind!='constructor'])[accessibility='private']",
  message: 'Name private members with #.',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/', '**/*.js', '**/*.mjs'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off', // Nest's injection needs the classes at run time
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-await': 'off', // an interface may ask for a promise
      '@typescript-eslint/no-unsafe-declaration-merging': 'error',
      'no-restricted-syntax': ['error', noExpose, privateMember],
      eqeqeq: ['error', 'always'],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 7],
    },
  },
  { files: MAY_EXPOSE, rules: { 'no-restricted-syntax': ['error', privateMember] } },
  {
    files: ['test/**', '**/*.spec.ts', '**/*.spec.tsx'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'max-lines': 'off',
    },
  },
);
