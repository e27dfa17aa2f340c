// Checks a feed of ours with the reference implementation of transparency logs, and makes the same for us to check.
// One JSON document on standard input, one on standard output; status 1 and a line when the input does not parse.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of C2SP tlog-tiles, whose paths do not name it.
const tileHeight = 8

type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof [][]byte `json:"proof"`
}

type consistency struct {
	From  int64    `json:"from"`
	To    int64    `json:"to"`
	Proof [][]byte `json:"proof"`
}

type feed struct {
	Vkey        string            `json:"vkey"`
	Checkpoint  string            `json:"checkpoint"`
	Entries     [][]byte          `json:"entries,omitempty"`
	Tiles       map[string][]byte `json:"tiles"`
	Inclusion   []inclusion       `json:"inclusion"`
	Consistency []consistency     `json:"consistency"`
}

type answer struct {
	// What is wrong with the feed given, in the words of the reference.
	Faults []string `json:"faults"`
	Made   feed     `json:"made"`
}

func main() {
	var given feed
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	made, faults, err := answerTo(given)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(answer{Faults: faults, Made: made})
}

func answerTo(given feed) (made feed, faults []string, err error) {
	faults = []string{}
	check := func(what string, err error) {
		if err != nil {
			faults = append(faults, fmt.Sprintf("%s: %v", what, err))
		}
	}

	own, err := treeOf(given.Entries)
	if err != nil {
		return made, nil, err
	}
	size := int64(len(given.Entries))
	rootOf := func(size int64) tlog.Hash {
		root, err := tlog.TreeHash(size, own)
		check(fmt.Sprintf("root of %d", size), err)
		return root
	}

	check("checkpoint", checkNote(given, size, rootOf(size)))
	for _, each := range given.Inclusion {
		leaf := tlog.RecordHash(given.Entries[each.Index])
		check(fmt.Sprintf("inclusion of %d in %d", each.Index, each.Size),
			tlog.CheckRecord(hashes(each.Proof), each.Size, rootOf(each.Size), each.Index, leaf))
		proof, err := tlog.ProveRecord(each.Size, each.Index, own)
		if err != nil {
			return made, nil, err
		}
		made.Inclusion = append(made.Inclusion, inclusion{each.Index, each.Size, slices(proof)})
	}
	for _, each := range given.Consistency {
		check(fmt.Sprintf("consistency of %d with %d", each.From, each.To),
			tlog.CheckTree(hashes(each.Proof), each.To, rootOf(each.To), each.From, rootOf(each.From)))
		proof, err := tlog.ProveTree(each.To, each.From, own)
		if err != nil {
			return made, nil, err
		}
		made.Consistency = append(made.Consistency, consistency{each.From, each.To, slices(proof)})
	}

	// the reference authenticates every tile it reads against the root
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: rootOf(size)}, tiles(given.Tiles))
	indexes := make([]int64, size)
	for n := range indexes {
		indexes[n] = tlog.StoredHashIndex(0, int64(n))
	}
	leaves, err := reader.ReadHashes(indexes)
	check("tiles", err)
	for n, leaf := range leaves {
		if leaf != tlog.RecordHash(given.Entries[n]) {
			check("tiles", fmt.Errorf("leaf %d is another", n))
		}
	}
	made.Tiles = map[string][]byte{}
	for _, tile := range tlog.NewTiles(tileHeight, 0, size) {
		if made.Tiles[pathOf(tile)], err = tlog.ReadTileData(tile, own); err != nil {
			return made, nil, err
		}
	}
	origin, _, _ := strings.Cut(given.Checkpoint, "\n")
	made.Checkpoint, made.Vkey, err = signedNote(origin, size, rootOf(size))
	return made, faults, err
}

// stored is a tree as the reference keeps it: hashes by their stored index.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = s[index]
	}
	return out, nil
}

func treeOf(entries [][]byte) (stored, error) {
	var tree stored
	for n, entry := range entries {
		more, err := tlog.StoredHashes(int64(n), entry, tree)
		if err != nil {
			return nil, err
		}
		tree = append(tree, more...)
	}
	return tree, nil
}

// checkNote opens the checkpoint with the key given and compares what it says.
func checkNote(given feed, size int64, root tlog.Hash) error {
	verifier, err := note.NewVerifier(given.Vkey)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(given.Checkpoint), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	if expected := fmt.Sprintf("%s\n%d\n%s\n", verifier.Name(), size, root); opened.Text != expected {
		return fmt.Errorf("says %q, not %q", opened.Text, expected)
	}
	return nil
}

// signedNote is a checkpoint by a key that the reference makes, named as the origin.
func signedNote(origin string, size int64, root tlog.Hash) (text, vkey string, err error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", "", err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return "", "", err
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)}, signer)
	return string(signed), vkey, err
}

// tiles are those given, by their path.
type tiles map[string][]byte

func (t tiles) Height() int { return tileHeight }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(wanted))
	for i, tile := range wanted {
		data, ok := t[pathOf(tile)]
		if !ok {
			return nil, fmt.Errorf("no %s", pathOf(tile))
		}
		out[i] = data
	}
	return out, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// pathOf is the path of C2SP, which leaves out the height.
func pathOf(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
}

func hashes(proof [][]byte) []tlog.Hash {
	out := make([]tlog.Hash, len(proof))
	for i, hash := range proof {
		copy(out[i][:], hash)
		if !bytes.Equal(out[i][:], hash) {
			return nil
		}
	}
	return out
}

func slices(proof []tlog.Hash) [][]byte {
	out := make([][]byte, len(proof))
	for i := range proof {
		out[i] = proof[i][:]
	}
	return out
}
