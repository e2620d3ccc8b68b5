// The TLS part of Asio, compiled once; apart, so that only who speaks TLS links OpenSSL.
#include <boost/asio/ssl/impl/src.hpp>
