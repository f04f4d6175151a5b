;; A matrix times a vector, in float32: four rows of the matrix at a time, in 128 bits.
;;
;; The matrix lies in blocks of 16 rows, padded with zeros; in a block, column after column, the 16 numbers of that column
;; (see `products.js`). Each of the 16 sums is one chain of additions, column by column.
(module
  (memory (export "memory") 1)
  (func (export "product") (param $matrix i32) (param $vector i32) (param $out i32) (param $blocks i32) (param $columns i32)
    (local $at i32) (local $left i32) (local $x v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $block
      (local.set $a (v128.const f32x4 0 0 0 0)) (local.set $b (local.get $a)) (local.set $c (local.get $a)) (local.set $d (local.get $a))
      (local.set $at (local.get $vector))
      (local.set $left (local.get $columns))
      (loop $column
        (local.set $x (v128.load32_splat (local.get $at)))
        (local.set $a (f32x4.add (local.get $a) (f32x4.mul (local.get $x) (v128.load (local.get $matrix)))))
        (local.set $b (f32x4.add (local.get $b) (f32x4.mul (local.get $x) (v128.load offset=16 (local.get $matrix)))))
        (local.set $c (f32x4.add (local.get $c) (f32x4.mul (local.get $x) (v128.load offset=32 (local.get $matrix)))))
        (local.set $d (f32x4.add (local.get $d) (f32x4.mul (local.get $x) (v128.load offset=48 (local.get $matrix)))))
        (local.set $matrix (i32.add (local.get $matrix) (i32.const 64)))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $column (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (v128.store (local.get $out) (local.get $a))
      (v128.store offset=16 (local.get $out) (local.get $b))
      (v128.store offset=32 (local.get $out) (local.get $c))
      (v128.store offset=48 (local.get $out) (local.get $d))
      (local.set $out (i32.add (local.get $out) (i32.const 64)))
      (br_if $block (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))))
