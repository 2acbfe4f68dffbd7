drop function tillgraph.documents_switch(boolean);
revoke insert, update, delete on company_features from tillgraph_gate;
delete from company_features where feature = 'REGISTERED_DOCUMENTS';
drop table app_documents, apps;
