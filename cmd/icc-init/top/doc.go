// Package top is the applet top: the container's processes as `ps -ef` would list them, as JSON, in images without ps.
package top
