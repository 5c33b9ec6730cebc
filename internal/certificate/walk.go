package certificate

import "encoding/asn1"

// maxIterations bounds the work that a file can ask for. Windows imports up to 600,000 and writes 2,000; OpenSSL writes
// 2,048; Java 10,000.
const maxIterations = 2_000_000

// maxDepth is deeper than any PFX nests.
const maxDepth = 24

// iterations returns the largest iteration count in the readable part of a PFX. All its forms (PKCS #12 PBE parameters,
// PBKDF2 parameters, MacData) are an octet string, the salt, directly followed by an integer in one sequence.
// What only shows after decryption is not seen: who put a number there also knew the password.
func iterations(der []byte, depth int) (most int64) {
	var last asn1.RawValue
	for len(der) > 0 && depth < maxDepth {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return most
		}
		switch {
		case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger && isOctets(last):
			var n int64
			if _, err := asn1.Unmarshal(v.FullBytes, &n); err != nil {
				n = maxIterations + 1 // larger than 63 bits
			}
			most = max(most, n)
		case v.IsCompound, isOctets(v) && len(v.Bytes) > 0 && v.Bytes[0] == 0x30:
			most = max(most, iterations(v.Bytes, depth+1))
		}
		last, der = v, rest
	}
	return most
}

func isOctets(v asn1.RawValue) bool {
	return v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString && !v.IsCompound && len(v.FullBytes) > 0
}

// visibleKeys counts the private keys that can be seen without the password: files keep their (encrypted) key bags
// outside the encrypted part.
func visibleKeys(der []byte) int { return countKeys(der, 0) }

func countKeys(der []byte, depth int) (n int) {
	keyBag := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	shroudedKeyBag := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	for len(der) > 0 && depth < maxDepth {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return n
		}
		switch {
		case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOID:
			var id asn1.ObjectIdentifier
			if _, err := asn1.Unmarshal(v.FullBytes, &id); err == nil && (id.Equal(keyBag) || id.Equal(shroudedKeyBag)) {
				n++
			}
		case v.IsCompound, isOctets(v) && len(v.Bytes) > 0 && v.Bytes[0] == 0x30:
			n += countKeys(v.Bytes, depth+1)
		}
		der = rest
	}
	return n
}
