import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  emitLegacyCommonJSImports: false,
  schema: `${process.env.TILLGRAPH ?? 'http://127.0.0.1:8080'}/schema.graphql`,
  documents: 'typescript/*.ts',
  generates: {
    'typescript/gql/': {
      preset: 'client',
      presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        strictScalars: true,
        useTypeImports: true,
        // Money and quantities are exact: a float would not hold them.
        scalars: { ID: 'string', Decimal: 'string', CurrencyCode: 'string', DateTime: 'string', Date: 'string' },
      },
    },
  },
};

export default config;
