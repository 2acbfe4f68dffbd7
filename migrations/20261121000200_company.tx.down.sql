drop table receipt_counters, register_keys, registers, stores, companies, company_directory;
