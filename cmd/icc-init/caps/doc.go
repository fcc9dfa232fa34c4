// Package caps reckons with Linux capabilities as sets of bits: names, and Docker's rules for cap_add and cap_drop.
//
// It only reckons; package launch applies the result.
package caps
