drop function tillgraph.company_config(uuid);
drop function tillgraph.company_usage();
drop trigger config_changed on company_settings;
drop trigger config_counted on companies;
drop trigger config_counted on company_directory;
drop table company_settings_changes, company_features;
drop function tillgraph.config_changed();
drop function tillgraph.config_counted();
revoke update (config_version) on companies from tillgraph_app, tillgraph_gate;
alter table company_settings
    drop column simple_mode, drop column logo_url, drop column primary_color, drop column accent_color;
alter table companies drop column business_type, drop column config_version;
alter table company_directory drop column plan, drop column config_version;
