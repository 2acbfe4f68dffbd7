drop index till_z_reports_by_day;
