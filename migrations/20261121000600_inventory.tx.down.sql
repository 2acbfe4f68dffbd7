drop table stock_movements, inventory_levels;
