drop table store_prices, product_words, product_barcodes, products, categories;
