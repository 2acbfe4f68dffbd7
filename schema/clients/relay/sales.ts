// The newest sales, a page at a time: the connection's fragment has what usePaginationFragment needs.
import { fetchQuery, graphql } from 'relay-runtime';
import { environment } from './environment.js';
import type { salesQuery } from './__generated__/salesQuery.graphql.js';

export const salesOfStore = graphql`
  fragment sales_list on Query @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, after: { type: "String" })
  @refetchable(queryName: "salesPageQuery") {
    sales(first: $count, after: $after) @connection(key: "sales_sales") {
      edges { node { id receiptNumber store { id name } total { amount currencyCode } } }
    }
  }
`;

const query = graphql`
  query salesQuery {
    viewer { company { id name } }
    sales(first: 3) { totalCount nodes { id receiptNumber total { amount currencyCode } } }
  }
`;

const data = await fetchQuery<salesQuery>(environment, query, {}).toPromise();
if (data == null) throw new Error('no answer');
console.log(`${data.viewer.company.name} has ${data.sales.totalCount} sales`);
for (const sale of data.sales.nodes) console.log(`receipt ${sale.receiptNumber}: ${sale.total.amount} ${sale.total.currencyCode}`);
