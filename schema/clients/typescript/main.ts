// Sells the first product of the catalogue at the first register, exactly once however often it is sent.
import { randomUUID } from 'node:crypto';
import { ask } from './client.js';
import { graphql } from './gql/index.js';

const Counter = graphql(/* GraphQL */ `
  query Counter {
    viewer { company { name } role }
    registers(first: 1) { nodes { id store { name } } }
    products(first: 1) { nodes { id name } }
  }
`);

const Sell = graphql(/* GraphQL */ `
  mutation Sell($input: SaleRecordInput!) {
    saleRecord(input: $input) {
      sale { receiptNumber total { amount currencyCode } change { amount } }
      userErrors { code field message }
    }
  }
`);

const { viewer, registers, products } = await ask(Counter, {});
const [register] = registers.nodes;
const [product] = products.nodes;
if (register === undefined || product === undefined) throw new Error('there is nothing to sell');
console.log(`${viewer.company.name}, ${register.store.name}, as ${viewer.role}`);

const { saleRecord } = await ask(Sell, {
  input: {
    idempotencyKey: randomUUID(),
    registerId: register.id,
    lines: [{ productId: product.id, quantity: '1' }],
    payments: [{ method: 'CASH', amount: '100000' }],
  },
});
for (const error of saleRecord.userErrors) console.error(`${error.code} at ${error.field.join('.')}: ${error.message}`);
if (saleRecord.sale == null) process.exit(1);
const { receiptNumber, total, change } = saleRecord.sale;
console.log(`receipt ${receiptNumber}: ${product.name} for ${total.amount} ${total.currencyCode}, change ${change.amount}`);
