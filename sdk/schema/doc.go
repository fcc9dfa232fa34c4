// Package schema turns a kind's configuration struct into the JSON Schema of its description, and reads configurations
// as strictly as that schema says: what a plugin does not know is an error that names the field.
//
// It checks form only. What values mean is the plugin's business.
package schema
