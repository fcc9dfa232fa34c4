// Package validate holds a JSON document against a JSON Schema and says in plain words what does not fit and where.
//
// It is a room of its own so that plugins, which make schemas but have none to check, do not carry the validator. It
// fetches nothing: a schema that refers to another document is refused.
package validate
