// Package tax has the taxes that a company lays on what it sells: categories of goods, their rates in each store and
// at each time, and the one place where a tax is worked out.
package tax
