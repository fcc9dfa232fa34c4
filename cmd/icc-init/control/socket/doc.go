// Package socket is the little of Unix stream sockets that icc-init needs: package net alone would cost a tenth of the
// 3 MB that icc-init may have. Connections are files, which know deadlines, and a blocked read ends when they are closed.
// It refuses datagrams, abstract names and every other network.
package socket
