drop function tillgraph.company_by_host(text);
drop function tillgraph.domain_prove(uuid, text[], timestamptz);
drop table domain_directory, company_domains;
